// The command line of `sam local invoke` against the Regions that stay. `npm run local` prints it, and the tests run it.

export interface SamInvocation {
  logicalId: string;
  eventFile: string;
  /** See sam-template.ts: the real template does not name the SDK's endpoint variables. */
  templateFile: string;
  environmentFile: string;
  region: string;
  /** See container-door.ts. */
  addHost: string | undefined;
  /** Undefined: SAM pulls Amazon's. */
  image: string | undefined;
}

export const samArguments = (invocation: SamInvocation): string[] => [
  ...['local', 'invoke', invocation.logicalId],
  ...['--event', invocation.eventFile],
  ...['--template', invocation.templateFile],
  ...['--env-vars', invocation.environmentFile],
  ...['--region', invocation.region],
  ...(invocation.addHost === undefined ? [] : ['--add-host', invocation.addHost]),
  ...(invocation.image === undefined ? [] : ['--skip-pull-image', '--invoke-image', invocation.image]),
];
