// The files of database/migrations/, which the bundler puts in as text (loader: .sql=text).
import createBookReviews from '../../database/migrations/0001_create_book_reviews.sql';
import type { Migration } from './apply-migrations.ts';

export const migrations: readonly Migration[] = [{ name: '0001_create_book_reviews.sql', sql: createBookReviews }];
