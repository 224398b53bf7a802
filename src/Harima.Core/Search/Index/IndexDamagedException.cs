namespace Harima.Search.Index;

/// <summary>A file of the index is missing or does not hold what was written. Nothing is lost: the index is rebuilt from the catalogue.</summary>
public sealed class IndexDamagedException(string message) : IOException(message);
