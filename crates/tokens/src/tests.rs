mod issuers;
mod properties;
mod world;
