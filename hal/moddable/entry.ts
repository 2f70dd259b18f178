// The module `simstrap` of a Moddable app: the core and this HAL under one name. The paths are those of the modules, as manifest.json
// names them.

export * from "simstrap/hal/moddable/index";
export * from "simstrap/src/index";
