// Edits samconfig.toml as docs/deployment.md tells its reader to.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Samconfig {
  replaceEverywhere(placeholders: Record<string, string>): void;
  /** Gives a parameter in the section's `parameter_overrides` a value; takes its line in where it is commented out. */
  set(configEnv: string, values: Record<string, string>): void;
}

export function openSamconfig(directory: string): Samconfig {
  const path = join(directory, 'samconfig.toml');
  const change = (edit: (text: string) => string) => writeFileSync(path, edit(readFileSync(path, 'utf8')));
  return {
    replaceEverywhere(placeholders) {
      change((text) =>
        Object.entries(placeholders).reduce((edited, [placeholder, value]) => {
          if (!edited.includes(placeholder)) throw new Error(`samconfig.toml has no ${placeholder}`);
          return edited.replaceAll(placeholder, value);
        }, text),
      );
    },
    set(configEnv, values) {
      change((text) => {
        const start = text.indexOf(`[${configEnv}.deploy.parameters]`);
        if (start < 0) throw new Error(`samconfig.toml has no section for ${configEnv}`);
        const end = text.indexOf('\n]', start);
        const section = Object.entries(values).reduce(setParameter, text.slice(start, end));
        return text.slice(0, start) + section + text.slice(end);
      });
    },
  };
}

function setParameter(section: string, [name, value]: [string, string]): string {
  const line = `"${name}=${value}",`;
  const present = new RegExp(`(# )?"${name}=(?:[^"\\\\]|\\\\.)*",`);
  return present.test(section) ? section.replace(present, () => line) : `${section}\n  ${line}`;
}
