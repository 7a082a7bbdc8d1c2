use simulation::whole_engine::*;
fn main(){ let a:Vec<u64>=std::env::args().skip(1).map(|t|t.parse().unwrap()).collect();
 for seed in a[0]..a[1]{ let r=std::panic::catch_unwind(||run(seed,a[2],Medium::Memory)); if r.is_ok(){println!("{seed} ok")} } }
