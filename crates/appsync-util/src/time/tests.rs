use super::*;

#[test]
fn patterns_are_javas() {
    let at = 1_517_943_695_749;
    assert_eq!(to_iso(at).unwrap(), "2018-02-06T19:01:35.749Z");
    let shown = |pattern, zone| format(at, pattern, zone, None).unwrap();
    assert_eq!(shown("yyyy-MM-dd HH:mm:ssZ", None), "2018-02-06 19:01:35+0000");
    assert_eq!(shown("EEE, d MMM yy h:mm a ZZZZZ", Some("+05:30")), "Wed, 7 Feb 18 12:31 AM +05:30");
    assert_eq!(shown("'o''clock' H", None), "o'clock 19");
    assert!(format(at, "q", None, None).is_err());
    assert!(format(at, "H", Some("Mars/Base"), None).is_err());
}

#[test]
fn what_was_formatted_is_read() {
    for milliseconds in [0, -1, 951_782_400_000, 1_517_943_695_749, 4_107_542_399_999, MILLISECONDS_MIN] {
        assert_eq!(parse_iso(&to_iso(milliseconds).unwrap()), Ok(milliseconds));
    }
    assert_eq!(parse("07/02/2018 00:31", "dd/MM/yyyy HH:mm", Some("+05:30"), None), Ok(1_517_943_660_000));
    assert_eq!(parse_iso("2018-02-06T19:01:35+01:00"), Ok(1_517_940_095_000));
    assert_eq!(parse_iso("2018-02-06T19:01Z"), Ok(1_517_943_660_000));
    for wrong in
        ["", "2018-02-30T00:00:00Z", "2018-02-06T19:01:35", "2018-02-06", "2018-02-06T25:00:00Z", "é.é"]
    {
        assert!(parse_iso(wrong).is_err(), "{wrong}");
    }
}
