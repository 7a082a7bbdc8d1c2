// A pattern and an event beside it, as texts. They stand in the address behind the `#`, which is sent to nobody.
export interface Trial {
  pattern: string
  event: string
}

export const START: Trial = {
  pattern: `{
  "source": ["my.shop"],
  "detail-type": ["order placed"],
  "detail": {
    "total": [{ "numeric": [">", 100] }],
    "customer": { "country": [{ "anything-but": "NO" }] }
  }
}`,
  event: `{
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
}`,
}

export function toHash(trial: Partial<Trial>): string {
  const query = new URLSearchParams()
  for (const [name, text] of Object.entries(trial)) query.set(name, text)
  return query.toString()
}

export function fromHash(hash: string): Trial {
  const query = new URLSearchParams(hash)
  return { pattern: query.get('pattern') ?? START.pattern, event: query.get('event') ?? START.event }
}
