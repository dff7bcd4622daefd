//! REST, SSE, intake and feed endpoints, authentication, OpenAPI; serves the UI.
