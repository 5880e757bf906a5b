-- The reviews of complete files, with the name of each file: the table of the public sample, by its name and its columns.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW reviews AS
SELECT
  r.source_id,
  r.source_offset,
  r.region_indicator,
  r.reviewer_id,
  r.asin,
  r.reviewer_name,
  r.vote,
  r.vote_total,
  r.review_text,
  r.summary,
  r.overall_rating AS overall,
  r.verified,
  r.unix_review_time,
  r.review_time,
  r.style,
  r.image,
  r.other_fields,
  r.ingested_at,
  h.bucket,
  h.object_key,
  h.file_name,
  h.uploaded_at
FROM load_history h
JOIN book_reviews r ON r.source_id = h.source_id
WHERE h.state = 'complete'
