/** The form of the table of commands. */

export interface OptionSpec {
  readonly type: "boolean" | "string";
  readonly short?: string;
  /** Can be given several times. */
  readonly multiple?: true;
  /** The placeholder for its value in help texts. */
  readonly value?: string;
  readonly summary: string;
}

export interface PositionalSpec {
  readonly name: string;
  readonly required: boolean;
  /** This word and all that follow. */
  readonly rest?: true;
  /** The accepted words; "commands" means the names in this table. */
  readonly choices?: readonly string[] | "commands";
}

export interface CommandSpec {
  readonly summary: string;
  /** Without the program's name. */
  readonly usage: readonly string[];
  readonly positionals: readonly PositionalSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly details?: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
}
