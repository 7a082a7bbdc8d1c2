//! A key, made for tests and used nowhere else. (`openssl genpkey`)

/// PKCS #8.
pub(in super::super) fn document() -> Vec<u8> {
    aws_protocols::base64::decode(KEY).expect("it is Base 64")
}

/// Its public half, as PKCS #1 has it.
pub(super) fn public() -> Vec<u8> {
    let key = ring::signature::RsaKeyPair::from_pkcs8(&document()).expect("it is a key");
    key.public().as_ref().to_vec()
}

const KEY: &str = "\
    MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCFgmE/DfuV7rhCWtxPSCNgam0doy3UXiqLzGoRbLd4HDbS7Rrb\
    BB0D7S4dU3UQKLGK65BAd95e1MsUweMnmKJXkRw8ma1/rkjY8kYJjMkhHRkwxbuSoL9fXNrW88qz82pIit3Njaa3jEQfGKuvcBZl\
    CcXatfdgjySTSGTr6G2G07+g8MEhR7tftdD/NqpfZsfynqQKRSII6RH8jxUHdi20ezlk5zIEPuQW1x9vRpgXpz5A+SupZYcfqNfP\
    9VFw+LWO2XpeS6bBGOh7Fm2Q2izafrwd36GlDWzPSVGg2cWD/yU0Q5GzIJkqEPVeoK+1XfbANuC/MMMn3FnfZgECAAtXAgMBAAEC\
    ggEACTD9rll6hG+H3e9Q3GBvu6DTgNmNzbzrCBNpCo0zqXukWOKJq8amk5XpS9T8oJ0qTRFgCSAuWWb/iDFOGytTowEbxPn9yxzw\
    IGLcaF1VVSxrhtWhhc5ItWgmG6KXoYFUsbYclsF1oB67kCfr76Z8ixB75CjoUtWe1f/MVlDWPPAO/Ctkrp6tooXi5xJFQ2KB4PVH\
    uTnvS0bz38KCmNNdm7iBLRUYHPHTOnJQvBT71HfBO9hRFzqPhfT/urZxb5TL6Hepi3VR1aACAvCaBQgqyY3/me2VyYG2aPw+o5+j\
    ZFZ1Fky94dtP7SQcisNx63TkM2EJiQ48GLVxJFPo7erFKQKBgQC52sOcgW1EKbpE2V0L8UxMa7ZTRQLx5/VxTNnHB1YDRd3DJGGW\
    TrxdSseQ4zAJ6rYM0+XRZmeb++UHHiYYsSFYqXiu+DM4gHEP4oGJMmmKv6KXSL0VEKWaiiqVyGGxWN3O3HQrRuXtnjboTT9TSZD1\
    gGFH3r4UE+5nWRFqrDiO5QKBgQC35ga03QGPlMffzvS+4ViWzvUdu6w6jHNhRrG54BxMj1r8RQNnkklMk0AAgYjK/7ZGJHdxyzXi\
    vs3Txl0YGTmbk/tBMOfo9WuJWavl6/IMwA6A3jX2Sb+qsO+1xAbymryui8blIvF7Aia3QKtVsN8Xffd5tqTjvkmMpmrrfIRRiwKB\
    gE7eUfJBTkAFwSDkaMLfo/QuJVIS0Bwdxh9NcIEwUMTUyjW8Y5koUnD4gdWvQzyCGL060qTY4xDjhR5PIfWKfU8lo6wEcaABiXkn\
    Mrco6HbTucifOnYM+WmqRkYHocVjo8Tb8oRG8t2yLTTJSx0p89TqpN2d3WWhy6KZvnVZHistAoGBAJn97fm/45G3FZQtejbo/sTy\
    MsGeKP+yIt//Uc4Dg878cEU1CT/OeMC9wWdrEQBkFt8vpDHO56Wi/zpqLgSDAwFrbodNi7VA5bbTNyXGaR8SKFLzQJ6nbO9jUKeV\
    qfe3aW6EL54qn6nQyFjFt3N/M6E5Y2Uxc2weKPq1VG0zDJ43AoGAefJsWIaptKVVZr3vJv7B7+K8f8tZEVqFK3gVERKD+S750adG\
    0Erlnlf/SG887F9hRtpxEnIjB6PPQdMhrica6GlPql4D6qo4yglZ7BwzJNzwecdzTLXxTq/NvFE0rwKk/5B0xU3/r9iga9v8DYXD\
    DZ7q6ngTvrh79rcDzMgPR0s=";
