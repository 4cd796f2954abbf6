"""The article's images: which addresses are one picture, what is said around it, which are the article's."""
