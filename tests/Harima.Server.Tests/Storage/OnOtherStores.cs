using Harima.Archives;
using Harima.Clients;
using Harima.Gateway;

namespace Harima.Storage;

// What S3 clients see must not depend on where the bytes lie: the tests of the actions and of real clients once more.

public sealed class PutObjectOnHarima(HarimaOnHarima harima) : PutObjectTests(harima);

public sealed class PutObjectOnRadosgw(HarimaOnRadosgw harima) : PutObjectTests(harima);

public sealed class GetObjectOnHarima(HarimaOnHarima harima) : GetObjectTests(harima);

public sealed class GetObjectOnRadosgw(HarimaOnRadosgw harima) : GetObjectTests(harima);

public sealed class CopyObjectOnHarima(HarimaOnHarima harima) : CopyObjectTests(harima);

public sealed class CopyObjectOnRadosgw(HarimaOnRadosgw harima) : CopyObjectTests(harima);

public sealed class DeleteObjectOnHarima(HarimaOnHarima harima) : DeleteObjectTests(harima);

public sealed class DeleteObjectOnRadosgw(HarimaOnRadosgw harima) : DeleteObjectTests(harima);

public sealed class MultipartOnHarima(HarimaOnHarima harima) : MultipartTests(harima);

public sealed class MultipartOnRadosgw(HarimaOnRadosgw harima) : MultipartTests(harima);

public sealed class PostObjectOnHarima(HarimaOnHarima harima) : PostObjectTests(harima);

public sealed class VersioningOnHarima(HarimaOnHarima harima) : VersioningTests(harima);

public sealed class VersioningOnRadosgw(HarimaOnRadosgw harima) : VersioningTests(harima);

public sealed class ArchivesOnHarima(HarimaOnHarima harima) : ArchiveTests(harima);

public sealed class ArchivesOnRadosgw(HarimaOnRadosgw harima) : ArchiveTests(harima);

public sealed class DamagedObjectsOnHarima(HarimaOnHarima harima) : DamagedObjectTests(harima);

public sealed class DamagedObjectsOnRadosgw(HarimaOnRadosgw harima) : DamagedObjectTests(harima);

public sealed class AwsCliOnRadosgw(HarimaOnRadosgw harima) : AwsCliTests(harima, AwsCliVersion.Debian);

public sealed class RcloneOnHarima(HarimaOnHarima harima) : RcloneTests(harima);

public sealed class RcloneOnRadosgw(HarimaOnRadosgw harima) : RcloneTests(harima);
