//! What Map Runs write: it grows with children and rounds, not with what the children do.

use crate::world::*;

const ROWS: usize = 10_000;
const ROWS_OF_A_CHILD: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn express_children_write_their_ends_alone() {
    let mut written = Vec::new();
    for passes in [1, 20] {
        let folder = Folder::new(&format!("writes-{passes}"));
        let rows: String = (0..ROWS).map(|row| format!("{row}\n")).collect();
        std::fs::write(folder.object("rows.csv"), format!("id\n{rows}")).expect("a file");
        let world = World::open(&folder.0);
        let pass = |pass: usize| match pass + 1 == passes {
            true => format!(r#""P{pass}":{{"Type":"Pass","End":true}}"#),
            false => format!(r#""P{pass}":{{"Type":"Pass","Next":"P{}"}}"#, pass + 1),
        };
        let states: Vec<String> = (0..passes).map(pass).collect();
        let states = states.join(",").replacen("P0", "I", 1);
        let writer = r#""ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"bucket","Prefix":"out"}},"#;
        let members = format!(r#"{CSV}{writer}"ItemBatcher":{{"MaxItemsPerBatch":{ROWS_OF_A_CHILD}}},"#);
        world.machine("EXPRESS", &states, &members).await;
        let before = folder.written();
        let arn = world.start(json::value!({ "key": "rows.csv" })).await;
        world.closed(&arn).await;
        let run = world.map_run(&arn);
        let children = (ROWS / ROWS_OF_A_CHILD) as u64;
        assert_eq!(run.summary.executions, succeeded(children));
        let page = world
            .engine
            .store()
            .express_children(&run.arn, None, None, ROWS)
            .expect("readable")
            .expect("there");
        let payload: usize = page
            .children
            .iter()
            .map(|child| child.input.size() + child.output.as_ref().map_or(0, json::Document::size))
            .sum();
        let bytes = folder.written() - before;
        world.engine.stop().await;
        drop(world);
        let records =
            store::verify::verify(&folder.0.join("data"), &mut |_, _| {}).expect("it can be read").records;
        println!(
            "{passes} states: {records} records, {bytes} bytes for {ROWS} items in {children} children with {payload}"
        );
        assert!(
            bytes < payload + 200 * children as usize,
            "{passes} states: {bytes} bytes, {payload} of them payloads"
        );
        // A round brings many children forward.
        assert!(records < 2 * children, "{passes} states: {records} records");
        written.push(bytes);
    }
    let (one, twenty) = (written[0], written[1]);
    assert!(twenty < one + one / 10, "with 1 state {one} bytes, with 20 {twenty}");
}
