"""The JSON Schema of `contract.toml`, for editors; as a program, it writes the schema's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from verification.model.contract import Contract

PATH = Path(__file__).parents[1] / "contract.schema.json"


def contract_schema() -> str:
    """The schema that the contract's types make, as its file has it."""
    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    class Untitled(GenerateJsonSchema):
        def field_title_should_be_set(self, schema: Any) -> bool:
            return False

    schema = TypeAdapter(Contract).json_schema(schema_generator=Untitled)
    # In the file, it is the name of another.
    schema["$defs"]["CostRule"]["properties"]["prices"] = {"type": "string"}
    for unused in ("Prices", "TablePrices", "BackupPrices", "KeyPrices"):
        del schema["$defs"][unused]
    return json.dumps(schema, indent=1) + "\n"


if __name__ == "__main__":
    PATH.write_text(contract_schema(), encoding="utf-8")
