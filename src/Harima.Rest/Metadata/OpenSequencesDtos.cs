using System.Text.Json;

namespace Harima.Rest;

/// <param name="Measurement">A JSON object, kept as it is written.</param>
/// <param name="Sample">The same for what was measured.</param>
public sealed record DescribedSequenceDto(string Id, JsonElement? Measurement = null, JsonElement? Sample = null);

/// <param name="Sequences">At most 1000.</param>
public sealed record NewSequencesDto(IReadOnlyList<DescribedSequenceDto> Sequences);

public sealed record RefusedSequenceDto(string Id, string Reason, string Message);

/// <param name="Opened">How many were opened.</param>
/// <param name="Refused">Those that were not, and why.</param>
public sealed record OpenedSequencesDto(int Opened, IReadOnlyList<RefusedSequenceDto> Refused);
