// Stands in for the package of this name in the bundles (template.yaml, Alias): the AWS clients' search for credentials in
// profiles, single sign-on, other processes and instance metadata, 0.1 MB. Lambda puts a function's credentials into its environment.
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
