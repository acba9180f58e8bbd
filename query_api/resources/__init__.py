"""What the routes take and answer, one file a subject: the models behind the OpenAPI document."""
