-- One row per file. A file is complete when each of its chunks is done, nothing closed it, and its verdict is good: some line became a
-- row, and not too many were rejected. functions/shared/verdict.ts has the same rule.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW load_history AS
SELECT
  s.source_id,
  LOWER(HEX(s.source_id)) AS source_hex,
  s.region,
  s.bucket,
  s.object_key,
  SUBSTRING_INDEX(s.object_key, '/', -1) AS file_name,
  CASE
    WHEN s.closed_at IS NOT NULL THEN s.closed_as
    WHEN c.chunks_done = s.chunk_count
      AND c.rejected * 100 <= s.max_rejected_percent * (c.line_count - c.blank)
      AND (c.rows_loaded > 0 OR c.line_count = c.blank) THEN 'complete'
    ELSE 'loading'
  END AS state,
  s.closed_reason AS reason,
  s.size_bytes,
  s.checksum,
  s.record_format,
  s.container,
  s.chunk_count,
  c.chunks_done,
  c.line_count,
  c.rows_loaded,
  c.rejected,
  c.blank,
  c.misfits,
  s.uploaded_at,
  s.opened_at,
  c.done_at AS readable_at,
  TIMESTAMPDIFF(MICROSECOND, s.uploaded_at, c.done_at) / 1000000 AS seconds_to_readable,
  s.closed_at,
  LOWER(HEX(s.same_content_as)) AS same_content_as,
  LOWER(HEX(s.same_name_as)) AS same_name_as
FROM sources s
JOIN LATERAL (
  SELECT
    COUNT(*) AS chunks_done,
    COALESCE(SUM(line_count), 0) AS line_count,
    COALESCE(SUM(rows_loaded), 0) AS rows_loaded,
    COALESCE(SUM(rejected), 0) AS rejected,
    COALESCE(SUM(blank), 0) AS blank,
    COALESCE(SUM(misfits), 0) AS misfits,
    MAX(done_at) AS done_at
  FROM source_chunks
  WHERE source_chunks.source_id = s.source_id
) c
