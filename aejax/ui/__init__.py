"""The application's face: the only package that knows Streamlit. Pages read choices, call the core and draw."""
