/* Comforts of the designer. Every page works without them. Each part is a module of its own. */
import "./undo.js";
