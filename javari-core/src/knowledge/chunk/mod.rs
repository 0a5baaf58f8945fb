//! x
#[cfg(test)]
mod tests {
    #[test]
    fn speed() {
        let t = std::time::Instant::now();
        let b = tiktoken_rs::o200k_base_singleton();
        println!("load o200k {:?}", t.elapsed());
        let t = std::time::Instant::now();
        let _ = tiktoken_rs::cl100k_base_singleton();
        println!("load cl100k {:?}", t.elapsed());
        let text =
            std::fs::read_to_string("/work/shared/reference/operations.md").unwrap().repeat(10);
        let t = std::time::Instant::now();
        let n = b.count_ordinary(&text);
        println!(
            "o200k {} bytes {n} tokens {:?} {} MB/s",
            text.len(),
            t.elapsed(),
            text.len() as f64 / 1e6 / t.elapsed().as_secs_f64()
        );
    }
}
