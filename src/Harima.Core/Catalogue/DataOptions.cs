using System.ComponentModel.DataAnnotations;

namespace Harima.Catalogue;

/// <summary>Where an embedded Harima keeps everything it owns. Section <c>Harima:Data</c>.</summary>
public sealed class DataOptions
{
    public const string Section = "Harima:Data";

    /// <summary>The data folder: catalogue, stored files, keys. Created when missing.</summary>
    [Required]
    public string Directory { get; set; } = ".harima";
}
