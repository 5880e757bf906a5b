// Only template.yaml's Metadata has build options. `sam build` turns them into esbuild's flags. This file turns them into
// options of esbuild's API, so that both write the same bytes.
import type { BuildOptions, Format, Loader } from 'esbuild';
import type { Template } from '../template/read-template.ts';

/** One function to build, as the template describes it. */
export interface FunctionBuild {
  logicalId: string;
  options: BuildOptions;
}

type Properties = Record<string, unknown>;

/** The options that `sam build` always passes, and its defaults for missing properties. */
const samDefaults: BuildOptions = { bundle: true, platform: 'node', target: 'es2020', format: 'cjs', minify: true };

/** `.js=.cjs` as a pair, as esbuild's flags have it after the colon. */
const pairs = <Value extends string>(list: unknown): Record<string, Value> =>
  Object.fromEntries((list as string[]).map((item) => item.split(/=(.*)/s, 2) as [string, Value]));

/** All properties that the project uses. An unknown one is an error, so that no build differs from `sam build`. */
const translations: Record<string, (value: unknown) => BuildOptions> = {
  EntryPoints: (value) => ({ entryPoints: value as string[] }),
  Format: (value) => ({ format: value as Format }),
  Target: (value) => ({ target: value as string }),
  Minify: (value) => ({ minify: value as boolean }),
  Sourcemap: (value) => ({ sourcemap: value as boolean }),
  // SAM drops a flag whose value is the boolean false, so this one is text in the template.
  SourcesContent: (value) => ({ sourcesContent: value !== 'false' }),
  KeepNames: (value) => ({ keepNames: value as boolean }),
  External: (value) => ({ external: value as string[] }),
  MainFields: (value) => ({ mainFields: (value as string).split(',') }),
  OutExtension: (value) => ({ outExtension: pairs(value) }),
  Alias: (value) => ({ alias: pairs(value) }),
  Loader: (value) => ({ loader: pairs<Loader>(value) }),
};

/** @throws {Error} naming function and property, if the template has an option that this build does not know. */
export function functionBuilds(template: Template): FunctionBuild[] {
  const builds: FunctionBuild[] = [];
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    const metadata = (resource as { Metadata?: { BuildMethod?: string; BuildProperties?: Properties } }).Metadata;
    if (metadata?.BuildMethod !== 'esbuild') continue;
    const options = { ...samDefaults };
    for (const [name, value] of Object.entries(metadata.BuildProperties ?? {})) {
      const translate = translations[name];
      if (!translate) throw new Error(`build: ${logicalId}: the build property ${name} is not known here`);
      Object.assign(options, translate(value));
    }
    builds.push({ logicalId, options });
  }
  return builds;
}
