using System.ComponentModel.DataAnnotations;
using Harima.Catalogue;

namespace Harima.Extraction;

/// <summary>How the headers of arriving files are read. Section <c>Harima:Extraction</c>.</summary>
public sealed class ExtractionOptions : IValidatableObject
{
    public const string Section = "Harima:Extraction";

    /// <summary>
    /// The time zone (IANA) the instruments' clocks show: taken for times in headers that state none, and said beside them. By default
    /// <c>Harima:Facility:TimeZone</c>.
    /// </summary>
    public string? TimeZone { get; set; }

    /// <summary>The zone that <see cref="TimeZone"/> names.</summary>
    internal TimeZoneInfo ZoneOr(FacilityClock clock) =>
        TimeZone is null ? clock.Zone : TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (TimeZone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
            yield return new ValidationResult(
                $"{Section}:{nameof(TimeZone)}: '{TimeZone}' is no time zone of this system. Write it like Asia/Tokyo.",
                [nameof(TimeZone)]
            );
    }
}
