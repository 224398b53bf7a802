using System.ComponentModel.DataAnnotations;

namespace Harima.Catalogue;

/// <summary>Where the catalogue lives. Section <c>Harima:Catalogue</c>.</summary>
public sealed class CatalogueOptions
{
    public const string Section = "Harima:Catalogue";

    /// <summary><c>sqlite</c> for a file in the data folder, or a PostgreSQL connection string.</summary>
    [Required]
    public string Database { get; set; } = "sqlite";

    /// <summary>The SQLite file; by default <c>catalogue.db</c> in the data folder.</summary>
    public string? SqliteFile { get; set; }

    /// <summary>At most this many changes share one commit (and its fsync).</summary>
    [Range(1, 10_000)]
    public int MaxBatch { get; set; } = 256;
}
