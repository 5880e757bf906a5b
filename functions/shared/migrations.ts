// The files of database/migrations/, which the bundler puts in as text (loader: .sql=text).
import createBookReviews from '../../database/migrations/0001_create_book_reviews.sql';
import indexReviewsByDay from '../../database/migrations/0002_index_reviews_by_day.sql';
import addOtherFields from '../../database/migrations/0003_add_other_fields.sql';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [
  { name: '0001_create_book_reviews.sql', sql: createBookReviews },
  { name: '0002_index_reviews_by_day.sql', sql: indexReviewsByDay },
  { name: '0003_add_other_fields.sql', sql: addOtherFields },
];
