/** The package's version, put in by the bundler; undefined where the sources run unbundled. */
declare const HARDTUI_VERSION: string | undefined
