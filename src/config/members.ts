import { getNodeValue, type Node } from "jsonc-parser";

/** The members of an object node, in the order of the text; `keyNode` is where a problem with the name is reported. */
export function membersOf(object: Node): [name: string, value: Node, keyNode: Node][] {
  const members: [string, Node, Node][] = [];
  for (const property of object.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key !== undefined && value !== undefined) members.push([String(getNodeValue(key)), value, key]);
  }
  return members;
}

/** The value of a key; if the key appears twice, the last one counts, as in JSON.parse. */
export function memberOf(object: Node, name: string): Node | undefined {
  return membersOf(object).findLast(([key]) => key === name)?.[1];
}
