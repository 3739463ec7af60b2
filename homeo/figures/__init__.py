"""The figures of the book: one module for each chapter.

Nothing here simulates and nothing calls ``show``. Readers find every function in
`homeo.plotting`.
"""
