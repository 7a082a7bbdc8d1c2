//! Who makes tokens, for tests of whoever takes them.
//!
//! Never here: anything that a server uses.

use json::{Value, value};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaKeyPair, RsaPublicKeyComponents,
};

use crate::base64url;

/// Who makes tokens.
pub struct Signer {
    pair: Pair,
    /// `kid`
    pub key_id: &'static str,
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
}

impl Signer {
    /// With one of the RSA keys below.
    pub fn new(key: &str, key_id: &'static str) -> Signer {
        let pair = RsaKeyPair::from_pkcs8(&bytes(key)).expect("one of the keys below");
        Signer { pair: Pair::Rsa(pair), key_id }
    }

    /// With [`P256`] or [`P384`].
    pub fn elliptic(key: &str, key_id: &'static str) -> Signer {
        let pair = |how| EcdsaKeyPair::from_pkcs8(how, &bytes(key), &SystemRandom::new());
        let pair = pair(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map(Pair::P256)
            .or_else(|_| pair(&ECDSA_P384_SHA384_FIXED_SIGNING).map(Pair::P384));
        Signer { pair: pair.expect("one of the keys below"), key_id }
    }

    /// Its public key as JWKS have it.
    pub fn public(&self) -> Value {
        let (curve, algorithm, pair) = match &self.pair {
            Pair::Rsa(_) => {
                let RsaPublicKeyComponents { n, e } = self.components();
                return value!({
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": (self.key_id),
                    "n": (encode(&n)), "e": (encode(&e)),
                });
            }
            Pair::P256(pair) => ("P-256", "ES256", pair),
            Pair::P384(pair) => ("P-384", "ES384", pair),
        };
        // A four, which says that both coordinates follow.
        let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
        value!({
            "kty": "EC", "use": "sig", "alg": (algorithm), "kid": (self.key_id), "crv": (curve),
            "x": (encode(x)), "y": (encode(y)),
        })
    }

    /// Its public key's numbers, if it is one of RSA's.
    pub fn components(&self) -> RsaPublicKeyComponents<Vec<u8>> {
        match &self.pair {
            Pair::Rsa(pair) => RsaPublicKeyComponents::from(pair.public()),
            Pair::P256(_) | Pair::P384(_) => unreachable!("an elliptic curve has others"),
        }
    }

    /// A token in RS256, or in what its curve goes with.
    pub fn token(&self, claims: &Value) -> String {
        let algorithm = match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::P256(_) => "ES256",
            Pair::P384(_) => "ES384",
        };
        self.token_with(&value!({"kid": (self.key_id), "alg": (algorithm)}), claims)
    }

    /// A token whose signature is right for its header, if that is possible.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        let text = format!("{}.{}", encode(header.to_text().as_bytes()), encode(claims.to_text().as_bytes()));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let encoding: &dyn ring::signature::RsaEncoding =
                    match header.get("alg").and_then(Value::as_str) {
                        Some("RS384") => &RSA_PKCS1_SHA384,
                        Some("RS512") => &RSA_PKCS1_SHA512,
                        Some("PS256") => &RSA_PSS_SHA256,
                        Some("PS384") => &RSA_PSS_SHA384,
                        Some("PS512") => &RSA_PSS_SHA512,
                        _ => &RSA_PKCS1_SHA256,
                    };
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = pair.sign(encoding, &random, text.as_bytes(), &mut signature);
                signed.expect("the buffer is as long as the modulus");
                signature
            }
            Pair::P256(pair) | Pair::P384(pair) => {
                let signature = pair.sign(&random, text.as_bytes()).expect("there is randomness");
                signature.as_ref().to_vec()
            }
        };
        format!("{text}.{}", encode(&signature))
    }
}

fn bytes(key: &str) -> Vec<u8> {
    base64url::decode(key).expect("one of the keys below")
}

/// `{"keys": […]}`
pub fn key_set(keys: impl IntoIterator<Item = Value>) -> Value {
    value!({"keys": (keys.into_iter().collect::<Value>())})
}

/// The bytes of a text that [`encode`] made.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    base64url::decode(text)
}

/// Base 64 as tokens have it.
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        text.extend(
            (0..=chunk.len()).map(|place| char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize])),
        );
    }
    text
}

/// The issuer's key: RSA, made for tests and used nowhere else. (PKCS #8 in Base 64, `openssl genpkey`)
pub const ISSUERS: &str = "\
    MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC2WUBbO-A0RfUphTsJ8u-o_5c8P8o6ZCR06xD7WYWcH_Tk4zPYOmOBPvOB\
    -W0BgY0aDgOc_y-fjfOtaKMY36yVQsODYwiQWd7Q0AMTJTySF6iatzjDYwewqVFV5ijsYVajwU3M_JFWtvUtRd2GKRxoB_YsMIcmNWLr1u9-\
    ILZq3tvy7c25ybigWaE6Trub4XZA8S6ixl2rp_P2hAaPKllvLw9_24lTIIXu-PofyQ1VFAVgzFLRFEauhFHiFm0Dydq4HixaxMte8xnSBI7Q\
    LbYK4lGUjAuuhjdwwu1Fbx99tyi1Jh3t-ODx9YMGWwFBY1RvyBs6RR7U3sfvzgo5O975AgMBAAECggEADoD7XDZfPzEoTqjk-QXcd6v6vsVR\
    I8NW3gDbfS6R8Mje7PzAYSzFwOA9tKMe_z1reHzQX0Kx6kY7cVnPDTmvS8D_dZohMoAfd6rv76wozPL6S3IS3wGnuS7ChCtWKnUUk9pagpk9\
    QzEyv6rcs6Dd_E1T0JB8k3awG1OhgX3_HHFiIVNo83l8h7LC8cT2u629nBOxelM2XbbIBXQWm_jwxSki68BNs3gOaurDbkrW1JszLnp7cBwN\
    to7tBAKI9HQM_07KyPnmNSJ2ERxo73qzmktwrUHmCPgK03797ZgznJjYSeO3Ym2Fq_8UQg05xFQOywKzcsXzatO058kObFav7QKBgQD_bahE\
    8iUOQ7uxuoNOUfxcGS0KZlRJv0Qsb_efj6nZGKB2Cz1Q1aHZUEKbdTijijTxjrb7jZ_Yv-gDaEAu3kHAFBZy_RXWcy2WMw_HC6z8UzcvWpxK\
    iyIwavVJClitRS2TkDM4TScYhhmVXs_kQ_PGCST0Pajd4NUO_6dbjC5QhQKBgQC2wbl4YfabGpxO0iUaL9r-7r8Xv7h0su-JMWkHC7QUcAzF\
    r1fPoFBOsp4kLFAMUEc2zZHHQVGkuLFfCqLjKHDwTWKik-3VYNFaJMh0ujhCVJLvm7-WXqBVLg7ja1gx3yJYkUYTk32XL_HFG4GLrpwnnzNR\
    WIAzzXfN3Aeu9qn45QKBgQDnO51GdTOIm1bSiXePMndT5NK6hHKvpIAR_nbcMxFe4IV696fVguCXO6pg05inrFlLiJgsWESp0uk2FG1uQHSj\
    b0v3Yxge4HwXajhRSEec0bS2oL-2WAhmbp2JNt2aVnLxEGzd_jJzaArHB2MKUV3hHKwgk6VI393hSx11qgzPhQKBgBXD2o_Qsurj72ufsVV-\
    D4m-6zkr1w7m5IolPUnehfLNKWg9qqqKgCXvNdA_CsV8pg6Lyum9CLkiWdVk0eNVxKWJwc506aU445XlvY3RQ7P6mIk6tkV1PYkHdDR3a0h9\
    N3zuyDa6oQFpb1S3IuV8xRIe7qCodpQ0yyjUJIIc1D9VAoGAE4s53KFFNFM7OoCO58sAdkMVhBTs12I4nHneytpmknm6Ti5KNP3D4fuzV_33\
    gT-RrhyRP3PImMk1LEqUBIOUpvhOPyMYCdcRxBoQJ_AUTKdGRa2AadDdAzj362U-21B3kRr_QRhUX21md21gVsFErwufcXWYvts5bmtOFGCG\
    Vyk";

/// Somebody else's.
pub const OTHER: &str = "\
    MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCeg-s2AU_j1c7BoTOALasGdOHwUW1CedSYA6mFIhi1gW-sgAjmHEBzFqQe\
    sR2t3VZt6AXw5W25AV0907dkaTIWTAZbK0DBhhZKg0XL9830Euc_Q7R9zSLvLJNj7_RmFShN4JtWBPfYpVZJZmoVmN-7BM79YmERsUE3KY0c\
    RAxaPi8q1woTAqr47jecS7qAIHmqTIDAvG0FpLnt7I0WWGLxl4VbTWVNbfJPN69yozrN56GM0m6bzYXZDKqjxenkS7Adjegj0VWMBEpXWpDA\
    HX-7vz_QevtU9yfDVVhJ0doDZXjZiRYjgnLJr7c7NctWx-8mt4BNe1vnV90bmDFrzW13AgMBAAECggEAD_B38GBFZkWTmsjY4uS0s9uA9Kdb\
    cznI9Ng5bZe2IFo5noDpZConGOuH6UYqE9eT301be5O2asoGVDc70674SGGwqe45frw69Zcpp47teMOF2Ui3l4bPInm7AGuaicFK4jnZpNav\
    DWvit1LDDBTpOmcLYVNJK3xFcISPGe6Fx3UcydQgb7R6iThdtPJZM0w6NmWfEwCfyhob5xKiPHcpXumFRgXlgaznJ4rlN0tMMM57SzmYhMSv\
    eKBSJFZkwOISKsGWqvnxvaqQVGYniX2tSVpwtS8L2l_eAsQoyNguMH560vKtYja8UqQnBXCY-CFVBeqgve-hoaVfhE8t5iGN0QKBgQDJiv5J\
    DFyQ2h97DDZB0WtkK-7ePL6zjdnKExMWgIFcQlrJ5rKTmsrEIJTkWOQyk5-a1aHNyTLedqjlF6UxPZPAz9N6Mn7yUjJ2auwzC6RquEXBINeH\
    N5UDMc2_R3p7nr1_bkg0ugFA8Nq9bRBT51ANBo4X_WOhoDEMoq4E-z5O8wKBgQDJWKTYL2cBbO6h8M9i3USaU0CZFyd-KNwvSNez_4bGbdzG\
    Ch6HIPI9eHFZ0O1vZopfYA-eUoS8J70-pVt-LRifUy0gnZ9GujwwutgIGbz0uxMrkZSmyx3putsiuH64GlrtyYPW4451nrLhqI65rf_1HK3Z\
    aaOrnzeNC_YhWzbwbQKBgDLzaIWfEmesPPkmhTDueG_Ci4izYqKR4dUsLU8q_YkNXVZddBfMsiYS9pEjx8zhdR_3kggsLSgAZ4JDEAf6wTel\
    Upk52s336bn2HfBpqQ8xtrC0VMhiTNGZ7aHFuDk4UD--6ZIq09ZPDX2F7PLJL3ubhKCb9mwNy1ieZ8_qlD3xAoGAecsYM_lAirk1BFphaIFG\
    DUAM1E4QQp0-y495g1UvVnqAUH8whjbksVBY6Kab6YYSb6zw5akux44WSH3IAWQP_9hVdORDw4nF_QgYw5WmGjfLWdB_JgG5v3ebNL57UKwI\
    kswR5vvRYc60kBHg--qH6OIHO3tOWPM_rB8vLHA7pGUCgYEArw8-k10K_tZzbIrMejeH3CuSvhZJbDD2nGrr2jqBvSeDqql-O2NK2lo6XkGt\
    0IYuTAuRV6dqkNsMEIl2DlPixmPRuGnHl_M7544WgxS71xPSSJa7m6Z4k61Y2ReeYalsZxh869mDfd9EZYZidbrPVWngCqfjdMzzlpJ75gem\
    pjI";

/// A key on the curve P-256.
pub const P256: &str = "\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPijSeocyFNHDq0ojzq0fRYKxCTlbQh9COH8yF15Z-zyhRANCAAT3yjwUxDnN\
    Mu_gk7V3MdMvJPgOCZPEhQOudo3g9Ps53Mz7VS2g1eKE4yOmSD128JU9WMKWFfcrs0iVMZK29BFA";

/// A key on the curve P-384.
pub const P384: &str = "\
    MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAt3W3E_qjhgD34BKN9uyql06uc-2eO0lzqPrpdSA92aNUItbIjfxdOYNO5rq3B\
    drOhZANiAAQe7oGgNJEB665A-PKFzhzvyoqmx5niMuwxw8hhjbZwRhtVdVO8L-Yii3eRu1Y5SwyvtsM_ZEu8SE-B0bMNiXn-LSGn8CMPRkrU\
    L7aJRO-7Ont_rW0gvK2Vlx17N9TbDYE";
