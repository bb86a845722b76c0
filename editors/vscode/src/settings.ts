/** The extension's settings, and the names in them that are replaced. */

export interface Settings {
  readonly enable: boolean;
  readonly path: readonly string[];
  readonly interpreter: readonly string[];
}

/** What `${...}` in a setting stands for. */
export interface Places {
  readonly workspaceFolder: string;
  readonly userHome: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A setting with its names replaced. A name that is not known stays as it is, so that it shows in the error. */
export function resolved(text: string, places: Places): string {
  return text.replace(/\$\{(workspaceFolder|userHome|env:([^}]+))\}/g, (whole, name: string, variable?: string) => {
    if (variable !== undefined) {
      return places.environment[variable] ?? whole;
    }
    return name === "userHome" ? places.userHome : places.workspaceFolder;
  });
}
