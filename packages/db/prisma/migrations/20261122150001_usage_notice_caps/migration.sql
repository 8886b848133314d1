-- Of which cap people were told: one that was raised and is reached again is told again.
ALTER TABLE usage_notices ADD COLUMN cap double precision NOT NULL DEFAULT 0;
