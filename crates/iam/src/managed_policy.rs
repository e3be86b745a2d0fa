use service::Operation;

pub fn operations() -> Vec<Operation> {
    Vec::new()
}
