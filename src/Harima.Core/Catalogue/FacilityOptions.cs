using System.ComponentModel.DataAnnotations;

namespace Harima.Catalogue;

/// <summary>Whose data this is. Section <c>Harima:Facility</c>.</summary>
public sealed class FacilityOptions : IValidatableObject
{
    public const string Section = "Harima:Facility";

    /// <summary>Shown beside Harima's own name.</summary>
    [Required]
    public string Name { get; set; } = "Harima";

    /// <summary>The same in Japanese; by default <c>Name</c>.</summary>
    public string? NameJa { get; set; }

    /// <summary>
    /// The time zone (IANA) of the facility: every time without one is read in it, in a search (<c>date:2026-04</c>) as in metadata, and the
    /// portal shows times in it. After a change the search index is made anew.
    /// </summary>
    [Required]
    public string TimeZone { get; set; } = "Asia/Tokyo";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
            yield return new ValidationResult(
                $"{Section}:{nameof(TimeZone)}: '{TimeZone}' is no time zone of this system. Write it like Asia/Tokyo.",
                [nameof(TimeZone)]
            );
    }
}
