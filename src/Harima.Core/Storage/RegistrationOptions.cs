using System.ComponentModel.DataAnnotations;

namespace Harima.Storage;

/// <summary>Files that are catalogued where they lie, outside Harima's own tree. Section <c>Harima:Registration</c>.</summary>
public sealed class RegistrationOptions : IValidatableObject
{
    public const string Section = "Harima:Registration";

    /// <summary>Folders of this machine under which an administrator may register files; none by default. Harima only reads there.
    /// Whoever may write there decides what is served under a registered name, so no folder of the system belongs here.</summary>
    public IList<string> Roots { get; } = [];

    /// <summary>A registered tree is looked at again this long after the last time ended; never by default.</summary>
    public TimeSpan? RescanEvery { get; set; }

    /// <summary>How many bytes are read in a second to find the checksums of registered files, with idle I/O priority; 0 for never.
    /// A file counts for at least 16 KiB.</summary>
    [Range(0, long.MaxValue)]
    public long SumBytesPerSecond { get; set; } = 32L << 20;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var root in Roots.Where(root => !Path.IsPathFullyQualified(root) || Path.GetFullPath(root) == "/"))
            yield return new ValidationResult(
                $"{Section}:{nameof(Roots)} holds '{root}'. Name folders by their full path; the whole file system cannot be one."
            );
        if (RescanEvery < TimeSpan.FromMinutes(1))
            yield return new ValidationResult($"{Section}:{nameof(RescanEvery)} is at least a minute.");
    }
}
