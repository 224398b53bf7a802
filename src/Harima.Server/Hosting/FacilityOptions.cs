using System.ComponentModel.DataAnnotations;

namespace Harima.Hosting;

/// <summary>Whose data this is. Section <c>Harima:Facility</c>.</summary>
public sealed class FacilityOptions
{
    public const string Section = "Harima:Facility";

    /// <summary>Shown beside Harima's own name.</summary>
    [Required]
    public string Name { get; set; } = "Harima";

    /// <summary>The same in Japanese; by default <c>Name</c>.</summary>
    public string? NameJa { get; set; }
}
