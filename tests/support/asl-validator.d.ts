// What the tests use of asl-validator, which ships no types.
declare module 'asl-validator' {
  export default function validate(
    definition: object,
    options?: { checkPaths: boolean; checkArn: boolean },
  ): { isValid: boolean; errorsText(): string };
}
