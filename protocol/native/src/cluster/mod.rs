//! Bodies between nodes and controllers: rkyv archives of frozen types, told apart by the header's schema id.
