namespace Harima.Rest;

/// <param name="Queue">What kind of work, such as <c>extraction</c>.</param>
/// <param name="InHand">Being done now.</param>
/// <param name="GivenUp">Failed too often.</param>
public sealed record WorkSummaryDto(string Queue, long Waiting, long InHand, long GivenUp);

/// <param name="Subject">What it is about, such as <c>2026A1234/S0042</c>.</param>
public sealed record GivenUpWorkDto(
    long Id,
    string Queue,
    string Subject,
    int Attempts,
    string? LastError,
    DateTimeOffset CreatedAt
);
