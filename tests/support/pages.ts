// What the pages of the documentation name.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectDirectory } from './template.ts';

const read = (path: string) => readFileSync(join(projectDirectory, path), 'utf8');

/** The scripts of package.json that a text runs by `npm run`. */
export const commandsIn = (text: string) => [...text.matchAll(/npm run ([a-z:-]+)/g)].map(([, name = '']) => name);

const anchorsIn = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );

/** The links of a page that lead to no file, or to no heading of a file. Links to the web are not looked at. */
export function brokenLinksOf(page: string): string[] {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (link.startsWith('https://')) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : join(dirname(page), file);
    if (!existsSync(join(projectDirectory, target))) return true;
    return anchor !== undefined && !anchorsIn(read(target)).includes(anchor);
  });
}
