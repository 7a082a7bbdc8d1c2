var e={pattern:`{
  "source": ["my.shop"],
  "detail-type": ["order placed"],
  "detail": {
    "total": [{ "numeric": [">", 100] }],
    "customer": { "country": [{ "anything-but": "NO" }] }
  }
}`,event:`{
  "version": "0",
  "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
  "detail-type": "order placed",
  "source": "my.shop",
  "account": "123456789012",
  "time": "2026-01-05T08:30:00Z",
  "region": "us-east-1",
  "resources": [],
  "detail": {
    "order": "o-17",
    "total": 120,
    "customer": { "name": "Ida", "country": "SE" }
  }
}`};function t(e){let t=new URLSearchParams;for(let[n,r]of Object.entries(e))t.set(n,r);return t.toString()}function n(t){let n=new URLSearchParams(t);return{pattern:n.get(`pattern`)??e.pattern,event:n.get(`event`)??e.event}}export{t as n,n as t};