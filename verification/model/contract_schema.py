"""The JSON Schema of `contract.toml`, for editors. Run as a module, it writes the schema file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from verification.model.contract import Contract

PATH = Path(__file__).parents[1] / "contract.schema.json"


def contract_schema() -> str:
    """The schema of the contract's dataclasses, as JSON text."""
    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    class Untitled(GenerateJsonSchema):
        def field_title_should_be_set(self, schema: Any) -> bool:
            return False

    schema = TypeAdapter(Contract).json_schema(schema_generator=Untitled)
    # In contract.toml, this field is the name of another file.
    schema["$defs"]["CostRule"]["properties"]["prices"] = {"type": "string"}
    for unused in [name for name in schema["$defs"] if name.endswith("Prices")]:
        del schema["$defs"][unused]
    return json.dumps(schema, indent=1) + "\n"


if __name__ == "__main__":
    PATH.write_text(contract_schema(), encoding="utf-8")
