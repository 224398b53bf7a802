using System.ComponentModel.DataAnnotations;

namespace Harima.Storage;

/// <summary>Files that are catalogued where they lie, outside Harima's own tree. Section <c>Harima:Registration</c>.</summary>
public sealed class RegistrationOptions : IValidatableObject
{
    public const string Section = "Harima:Registration";

    /// <summary>Folders of this machine under which an administrator may register files; none by default. Harima only reads there.
    /// Whoever may write there decides what is served under a registered name, so no folder of the system belongs here.</summary>
    public IList<string> Roots { get; } = [];

    /// <summary>Folders below which the staff of a beamline may register files into its proposals, each written <c>BL14B2=/data/bl14b2</c>;
    /// administrators may register there too. None by default.</summary>
    public IList<string> BeamlineRoots { get; } = [];

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
        foreach (var text in BeamlineRoots.Where(text => BeamlineRoot.TryParse(text) is null))
            yield return new ValidationResult(
                $"{Section}:{nameof(BeamlineRoots)} holds '{text}'. Write beamline and full path, such as BL14B2=/data/bl14b2."
            );
        if (RescanEvery < TimeSpan.FromMinutes(1))
            yield return new ValidationResult($"{Section}:{nameof(RescanEvery)} is at least a minute.");
    }
}

/// <summary>A folder below which the staff of a beamline may register.</summary>
/// <param name="Path">Without a slash at its end.</param>
public sealed record BeamlineRoot(string BeamlineId, string Path)
{
    internal static BeamlineRoot? TryParse(string text) =>
        text.Split('=', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } beamline, { Length: > 0 } path]
        && System.IO.Path.IsPathFullyQualified(path)
        && System.IO.Path.GetFullPath(path) is not "/" and var full
            ? new BeamlineRoot(beamline, full.TrimEnd('/'))
            : null;
}
