ALTER TABLE book_reviews ADD COLUMN other_fields JSON NULL
