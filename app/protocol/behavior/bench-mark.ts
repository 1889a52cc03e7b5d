/** Member of the extension object of every ECT of a benchmark run: its `bench_id`, which keeps it out of conduct (BEH-16). */
export const BENCH_EXT = "bench_id";
