//! Who makes tokens, for tests of whoever takes them.
//!
//! Never here: anything that a server uses.

use json::{Value, value};
use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaKeyPair, RsaPublicKeyComponents,
};

use crate::base64url;

/// Who makes tokens.
pub struct Signer {
    pair: RsaKeyPair,
    /// `kid`
    pub key_id: &'static str,
}

impl Signer {
    /// With one of the keys below.
    pub fn new(key: &str, key_id: &'static str) -> Signer {
        let key = base64url::decode(key).expect("one of the keys below");
        Signer { pair: RsaKeyPair::from_pkcs8(&key).expect("one of the keys below"), key_id }
    }

    /// Its public key as JWKS have it.
    pub fn public(&self) -> Value {
        let RsaPublicKeyComponents { n, e } = self.components();
        value!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": (self.key_id),
            "n": (encode(&n)), "e": (encode(&e)),
        })
    }

    /// Its public key's numbers.
    pub fn components(&self) -> RsaPublicKeyComponents<Vec<u8>> {
        RsaPublicKeyComponents::from(self.pair.public())
    }

    /// A token in RS256.
    pub fn token(&self, claims: &Value) -> String {
        self.token_with(&value!({"kid": (self.key_id), "alg": "RS256"}), claims)
    }

    /// A token whose signature is right for its header, if that is possible.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        let text = format!("{}.{}", encode(header.to_text().as_bytes()), encode(claims.to_text().as_bytes()));
        let encoding: &dyn ring::signature::RsaEncoding = match header.get("alg").and_then(Value::as_str) {
            Some("RS384") => &RSA_PKCS1_SHA384,
            Some("RS512") => &RSA_PKCS1_SHA512,
            _ => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let signed = self.pair.sign(encoding, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.expect("the buffer is as long as the modulus");
        format!("{text}.{}", encode(&signature))
    }
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
