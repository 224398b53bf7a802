namespace Harima.Rest;

public sealed record LabelDto(string Label, DateTimeOffset AddedAt, string AddedBy);

/// <param name="Average">Null where nobody rated it.</param>
/// <param name="Mine">The caller's own stars.</param>
public sealed record RatingDto(double? Average, long Count, int? Mine);

/// <param name="Stars">1 to 5; null takes the caller's rating back.</param>
public sealed record RateRequest(int? Stars);

public sealed record AnnotationsDto(IReadOnlyList<LabelDto> Keywords, IReadOnlyList<LabelDto> Tags, RatingDto Rating);

/// <param name="Text"><c>@user</c> tells that person, if they may read the sequence.</param>
public sealed record CommentRequest(string Text);

/// <param name="Mentions">Those it speaks to, who may read the sequence and were told.</param>
public sealed record CommentDto(
    long Id,
    string Author,
    string? AuthorName,
    DateTimeOffset At,
    string Text,
    DateTimeOffset? EditedAt,
    IReadOnlyList<PersonDto>? Mentions = null
);

/// <param name="Comments">Ids; null for all that speak to the caller.</param>
public sealed record SeenMentionsRequest(IReadOnlyList<long>? Comments);

public sealed record MentionDto(
    string ProposalId,
    string SequenceId,
    string Author,
    string? AuthorName,
    DateTimeOffset At,
    string Text,
    DateTimeOffset? SeenAt,
    long CommentId = 0
);
