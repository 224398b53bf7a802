using System.ComponentModel.DataAnnotations;

namespace Harima.Extraction;

/// <summary>How the headers of arriving files are read. Section <c>Harima:Extraction</c>.</summary>
public sealed class ExtractionOptions : IValidatableObject
{
    public const string Section = "Harima:Extraction";

    /// <summary>The time zone (IANA) the instruments' clocks show: taken for times in headers that state none, and said beside them.</summary>
    [Required]
    public string TimeZone { get; set; } = "Asia/Tokyo";

    /// <summary>The zone that <see cref="TimeZone"/> names.</summary>
    internal TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
            yield return new ValidationResult(
                $"{Section}:{nameof(TimeZone)}: '{TimeZone}' is no time zone of this system. Write it like Asia/Tokyo.",
                [nameof(TimeZone)]
            );
    }
}
