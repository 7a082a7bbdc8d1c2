create table if not exists comments (
    id bigint generated always as identity primary key,
    post_id text not null,
    author text not null,
    body text not null,
    at timestamptz not null default now()
);
