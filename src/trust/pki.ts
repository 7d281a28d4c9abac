/**
 * Every class of pkijs that this project uses. The package is loaded through this file, which is imported late, so that the bundler
 * leaves out the other classes, two thirds of it.
 */
export {
  AccessDescription,
  AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  BasicConstraints,
  BasicOCSPResponse,
  CertID,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  InfoAccess,
  OCSPRequest,
  OCSPResponse,
  PublicKeyInfo,
  RelativeDistinguishedNames,
  Request,
  ResponseBytes,
  ResponseData,
  SingleResponse,
  TBSRequest,
  Time,
  TimeType,
} from 'pkijs';
