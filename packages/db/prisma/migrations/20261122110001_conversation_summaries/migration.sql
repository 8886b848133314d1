-- What a long conversation comes to, up to and including one of its messages.
ALTER TABLE conversations ADD COLUMN summary text, ADD COLUMN summary_until uuid;
