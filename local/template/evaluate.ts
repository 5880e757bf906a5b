// Evaluates CloudFormation's intrinsic functions, as far as this template needs them. Evaluation is lazy: a value that nobody
// asks for (a KMS key's policy, a VPC's id) may refer to things that the simulation does not have.
import type { Template } from './read-template.ts';

/** The inputs for the evaluation of a template. */
export interface Scope {
  template: Template;
  /** The given parameter values. The others have the template's defaults. */
  parameters: Record<string, string>;
  /** AWS::Region and the like. */
  pseudoParameters: Record<string, string>;
  /** `Ref` (without attribute) and `GetAtt` of a resource. Undefined if the simulation does not know it. */
  resource(logicalId: string, attribute: string | undefined): string | undefined;
}

/** AWS::NoValue: removes the property. */
const noValue = Symbol('AWS::NoValue');

/** @throws {Error} naming the path, for an intrinsic or a name that is not known. */
export function evaluate(node: unknown, scope: Scope, path: string): unknown {
  const value = evaluateNode(node, scope, path);
  return value === noValue ? undefined : value;
}

/** @throws {Error} naming the path, if the value is no text. Numbers and booleans become text, as in CloudFormation. */
export function evaluateText(node: unknown, scope: Scope, path: string): string {
  const value = evaluate(node, scope, path);
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`template: ${path} is no text`);
}

function evaluateNode(node: unknown, scope: Scope, path: string): unknown {
  if (Array.isArray(node)) {
    return node.map((item, i) => evaluateNode(item, scope, `${path}[${i}]`)).filter((item) => item !== noValue);
  }
  if (node === null || typeof node !== 'object') return node;
  const entries = Object.entries(node);
  const [name, argument] = entries.length === 1 ? (entries[0] as [string, unknown]) : ['', undefined];
  // `Condition: X` is an intrinsic only where a condition stands, see `holds`.
  if (name === 'Ref' || name.startsWith('Fn::')) return call(name, argument, scope, `${path}.${name}`);
  const evaluated = entries.map(([key, value]) => [key, evaluateNode(value, scope, `${path}.${key}`)] as const);
  return Object.fromEntries(evaluated.filter(([, value]) => value !== noValue));
}

function call(name: string, argument: unknown, scope: Scope, path: string): unknown {
  switch (name) {
    case 'Ref':
      return reference(String(argument), scope, path);
    case 'Fn::GetAtt': {
      const [logicalId, ...attribute] = argument as string[];
      return attributeOf(`${logicalId}.${attribute.join('.')}`, scope, path);
    }
    case 'Fn::Sub':
      return substitute(argument, scope, path);
    case 'Fn::If': {
      const [condition, then, otherwise] = listOf(argument, 3, path);
      return evaluateNode(conditionHolds(String(condition), scope, path) ? then : otherwise, scope, path);
    }
    case 'Fn::Join': {
      const [separator, parts] = listOf(argument, 2, path);
      return (evaluateNode(parts, scope, path) as unknown[]).join(String(separator));
    }
    case 'Fn::Split': {
      const [separator, text] = listOf(argument, 2, path);
      return evaluateText(text, scope, path).split(String(separator));
    }
    case 'Fn::Select': {
      const [index, list] = listOf(argument, 2, path);
      return (evaluateNode(list, scope, path) as unknown[])[Number(evaluateNode(index, scope, path))];
    }
    case 'Fn::FindInMap': {
      const [map, top, second] = listOf(argument, 3, path).map((part) => evaluateText(part, scope, path));
      const found = scope.template.Mappings[map ?? '']?.[top ?? '']?.[second ?? ''];
      if (found === undefined) throw new Error(`template: ${path}: no ${map}/${top}/${second} in Mappings`);
      return found;
    }
    case 'Fn::Equals':
    case 'Fn::Not':
    case 'Fn::And':
    case 'Fn::Or':
      return holds({ [name]: argument }, scope, path);
    default:
      throw new Error(`template: ${path}: the simulation does not know the intrinsic ${name}`);
  }
}

function listOf(argument: unknown, length: number, path: string): unknown[] {
  if (Array.isArray(argument) && argument.length === length) return argument;
  throw new Error(`template: ${path} wants a list of ${length}`);
}

function reference(name: string, scope: Scope, path: string): unknown {
  if (name === 'AWS::NoValue') return noValue;
  const known = scope.pseudoParameters[name] ?? parameterOf(name, scope) ?? scope.resource(name, undefined);
  if (known === undefined) throw new Error(`template: ${path}: nothing known for ${name}`);
  return known;
}

/** A list parameter is a list, as CloudFormation gives it to `Ref`. */
function parameterOf(name: string, scope: Scope): unknown {
  const declared = scope.template.Parameters[name];
  if (!declared) return undefined;
  const value = scope.parameters[name] ?? declared.Default;
  if (value === undefined) return undefined;
  return /^(CommaDelimitedList|List<)/.test(declared.Type ?? '') ? String(value).split(',') : String(value);
}

function attributeOf(dotted: string, scope: Scope, path: string): string {
  const [logicalId = '', attribute] = dotted.split(/\.(.*)/s, 2);
  const known = scope.resource(logicalId, attribute);
  if (known === undefined) throw new Error(`template: ${path}: nothing known for ${dotted}`);
  return known;
}

function substitute(argument: unknown, scope: Scope, path: string): string {
  const [text, own] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Record<string, unknown>];
  return text.replaceAll(/\$\{([^}]+)\}/g, (whole, inner: string) => {
    const name = inner.trim();
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (name in own) return evaluateText(own[name], scope, `${path}.${name}`);
    const value = name.includes('.') ? attributeOf(name, scope, path) : reference(name, scope, path);
    if (value === noValue) throw new Error(`template: ${path}: ${whole} has no value`);
    return String(value);
  });
}

/** Whether a resource or a property with this condition exists. @throws {Error} for a condition that is not declared. */
export function conditionHolds(name: string, scope: Scope, path: string): boolean {
  if (!(name in scope.template.Conditions)) throw new Error(`template: ${path}: no condition ${name}`);
  return holds(scope.template.Conditions[name], scope, `Conditions.${name}`);
}

function holds(node: unknown, scope: Scope, path: string): boolean {
  const [[name, argument] = ['', undefined]] = Object.entries(node as object) as [string, unknown][];
  switch (name) {
    case 'Condition':
      return conditionHolds(String(argument), scope, path);
    case 'Fn::Equals': {
      const [left, right] = listOf(argument, 2, path).map((side) => evaluate(side, scope, path));
      return String(left) === String(right);
    }
    case 'Fn::Not':
      return !holds(listOf(argument, 1, path)[0], scope, path);
    case 'Fn::And':
      return (argument as unknown[]).every((part) => holds(part, scope, path));
    case 'Fn::Or':
      return (argument as unknown[]).some((part) => holds(part, scope, path));
    default:
      throw new Error(`template: ${path}: the simulation does not know the condition ${name}`);
  }
}
