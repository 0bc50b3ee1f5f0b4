/**
 * Where layers are built when nobody says otherwise, below the project's root; `layer verify`, `publish` and `snippet` look there for
 * the one built last. It is git-ignored with the rest of `.cruddur`.
 */
export const LAYER_OUTPUT_FOLDER = '.cruddur/layers'

/** What stands beside `NAME.zip` and says how it was built: `NAME.layer.json`. */
export const LAYER_JSON_SUFFIX = '.layer.json'
